// The offer of the survey: gone for good with one tap, without a reload. A kept page is the same for
// everybody, so it looks here whether this phone has answered already.
const offer = document.querySelector("[data-offer]");
export const ASKED = "meguri_survey=1";
export const neverAgain = () => (document.cookie = `${ASKED}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`);

if (offer && document.cookie.includes(ASKED)) offer.hidden = true;
offer?.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  neverAgain();
  const next = offer.nextElementSibling;
  offer.hidden = true;
  next?.querySelector("a, button")?.focus();
});
