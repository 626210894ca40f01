// Looks at a chosen video before it is sent, and takes the picture before it plays from it.
const SEND_BYTES = 12_000_000;
const LONGEST_S = 60;
const SIDE = 1600; // of the picture
const QUALITY = 0.85;
const PATIENCE_MS = 8_000;

const form = document.querySelector(".studio-film");
const fill = (text, given) => Object.entries(given).reduce((filled, [name, value]) => filled.replace(`{${name}}`, value), text);
const number = (value) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });

// Waits for one of two events of an element; throws for the second, and when neither comes.
function either(element, good, bad) {
  return new Promise((done, fail) => {
    const late = setTimeout(fail, PATIENCE_MS);
    element.addEventListener(good, () => { clearTimeout(late); done(); }, { once: true });
    element.addEventListener(bad, () => { clearTimeout(late); fail(); }, { once: true });
  });
}

// Returns seconds and a JPEG of a frame soon after the beginning, where many videos are dark.
async function frame(file) {
  const film = document.createElement("video");
  const address = URL.createObjectURL(file);
  film.muted = true;
  film.playsInline = true;
  film.preload = "auto";
  try {
    const ready = either(film, "loadeddata", "error");
    film.src = address;
    await ready;
    const moved = either(film, "seeked", "error");
    film.currentTime = Math.min(1, film.duration / 3);
    await moved;
    const scale = Math.min(1, SIDE / Math.max(film.videoWidth, film.videoHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(film.videoWidth * scale));
    canvas.height = Math.max(1, Math.round(film.videoHeight * scale));
    canvas.getContext("2d", { alpha: false }).drawImage(film, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return { seconds: film.duration, picture: blob && new File([blob], "poster.jpg", { type: "image/jpeg" }) };
  } finally {
    film.removeAttribute("src");
    URL.revokeObjectURL(address);
  }
}

function start(input, poster, say) {
  const words = form.dataset;
  let newest = 0;

  input.addEventListener("change", async () => {
    newest += 1;
    const mine = newest;
    const [file] = input.files;
    input.setCustomValidity("");
    say("", "");
    if (!file) return;
    const refuse = (why) => { input.setCustomValidity(why); say(why, "bad"); };
    if (file.size > SEND_BYTES) return refuse(fill(words.large, { size: number(file.size / 1e6) }));
    let seen = null;
    try {
      seen = await frame(file);
    } catch {
      if (mine === newest) say(words.untaken, "bad"); // the guide says what it is; a browser may lack a decoder
      return;
    }
    if (mine !== newest) return;
    if (seen.seconds > LONGEST_S + 0.5) return refuse(fill(words.long, { seconds: number(seen.seconds) }));
    if (!seen.picture || (poster.files.length && !poster.dataset.ours)) return;
    const one = new DataTransfer();
    one.items.add(seen.picture);
    poster.files = one.files;
    poster.dataset.ours = "yes";
    say(words.taken, "done");
  });
  poster.addEventListener("change", () => delete poster.dataset.ours);
  form.addEventListener("submit", () => {
    form.setAttribute("aria-busy", "true");
    say(words.sending, "busy");
  });
  window.addEventListener("pageshow", () => form.removeAttribute("aria-busy"));
}

if (form && "DataTransfer" in self) {
  const state = form.querySelector("[data-part=state]");
  start(form.querySelector("#video"), form.querySelector("#poster"), (text, look) => {
    state.textContent = text;
    state.dataset.look = look;
  });
  form.dataset.ready = "yes";
}
