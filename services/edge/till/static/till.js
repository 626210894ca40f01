// The counter works without this file; with it there is a keypad, grouping of digits, one tap only,
// a sound for the outcome, and a print button.
const MOST_DIGITS = 7;
const TONES = { ok: [[880, 0.12], [1320, 0.18]], warn: [[440, 0.25], [440, 0.25]], bad: [[220, 0.45]] };

const digitsOf = (text) => text.normalize("NFKC").replace(/[^0-9]/g, "").replace(/^0+/, "").slice(0, MOST_DIGITS);
const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",");

function makeTill(form) {
  const amount = form.elements.namedItem("amount_yen");
  const tenders = form.querySelectorAll("[name=pay]");
  const keys = form.querySelector("[data-keys]");
  let sent = false;

  const show = (digits) => {
    amount.value = grouped(digits);
    for (const button of tenders) button.setAttribute("aria-disabled", String(!digits));
  };
  const press = (key) => show(key === "clear" ? "" : digitsOf(digitsOf(amount.value) + key));

  keys.hidden = false;
  keys.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]");
    if (key) press(key.dataset.key);
  });
  amount.addEventListener("input", () => show(digitsOf(amount.value)));
  amount.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // Enter must not choose a way to pay
  });
  // A tablet's own keyboard would cover half of the screen; ours is enough.
  if (matchMedia("(pointer: coarse)").matches) amount.inputMode = "none";
  form.addEventListener("submit", (event) => {
    if (sent || !digitsOf(amount.value)) {
      event.preventDefault();
      if (!sent) amount.focus();
      return;
    }
    sent = true;
    form.classList.add("till--working");
    form.setAttribute("aria-busy", "true");
    const word = document.createElement("p");
    word.className = "till__working";
    word.setAttribute("role", "status");
    word.textContent = form.dataset.working;
    form.append(word);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // an old page carries an old request id
  });
  show(digitsOf(amount.value));
}

function sound(kind) {
  if (!TONES[kind] || !("AudioContext" in window)) return;
  const context = new AudioContext();
  let at = context.currentTime + 0.02;
  for (const [hertz, seconds] of TONES[kind]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.2, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.05;
  }
}

for (const form of document.querySelectorAll("[data-till]")) makeTill(form);
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
const result = document.querySelector("[data-result]");
if (result) sound(result.dataset.result);
