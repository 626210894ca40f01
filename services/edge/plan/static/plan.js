// Printing and sharing where the browser can; the page says all without them.
const said = document.querySelector("[data-said]");

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const folded = [...document.querySelectorAll("details.plan-more:not([open])")];
    folded.forEach((details) => { details.open = true; });
    addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }), { once: true });
    print();
  });
}

for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share && !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const address = location.origin + location.pathname;
    try {
      if (navigator.share) {
        await navigator.share({ title: button.dataset.title, url: address });
      } else {
        await navigator.clipboard.writeText(address);
        said.classList.remove("visually-hidden");
        said.textContent = button.dataset.done;
      }
    } catch { /* closed without sharing */ }
  });
}
