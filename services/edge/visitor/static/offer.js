// The offer of the survey: gone for good with one tap, without a reload. A kept page is the same for
// everybody, so it looks here whether this phone has answered already.
const offer = document.querySelector("[data-offer]");
const ASKED = "meguri_survey=1";
// As the edge names it (services/edge/cookies.py): over TLS so that no neighbouring host can set it.
export const neverAgain = () =>
  (document.cookie = location.protocol === "https:" ? `__Host-${ASKED}; path=/; max-age=31536000; samesite=lax; secure` : `${ASKED}; path=/; max-age=31536000; samesite=lax`);

// Under either name: it may have been kept before the other one came.
if (offer && document.cookie.includes(ASKED)) offer.hidden = true;
offer?.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  neverAgain();
  const next = offer.nextElementSibling;
  offer.hidden = true;
  next?.querySelector("a, button")?.focus();
});
