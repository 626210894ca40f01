// Says that a file is too large when it is chosen, and not after minutes of sending it:
// <input type="file" data-most-bytes="3000000" data-too-large="The file has {size} MB. …">.
const words = (bytes) => (Math.ceil(bytes / 100_000) / 10).toLocaleString(document.documentElement.lang);

for (const input of document.querySelectorAll("input[type=file][data-most-bytes]")) {
  const told = document.createElement("p");
  told.className = "field__error";
  told.setAttribute("role", "status");
  input.after(told);
  input.addEventListener("change", () => {
    const size = Math.max(0, ...Array.from(input.files, (file) => file.size));
    const why = size > Number(input.dataset.mostBytes) ? input.dataset.tooLarge.replace("{size}", words(size)) : "";
    input.setCustomValidity(why);
    told.textContent = why;
  });
}
