// Looks at a chosen video before it is sent, and takes the picture before it plays from it.
const SEND_BYTES = 12_000_000;
const LONGEST_S = 60;
const SIDE = 1600; // of the picture
const QUALITY = 0.85;
const PATIENCE_MS = 8_000;
const PIECE_BYTES = 3_000_000;
const TRIES = 4;
const PAUSE_MS = 1_500;

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

// What the guide said of a piece: sending it again changes nothing.
class Refused extends Error {}

async function refusal(answer) {
  if (!answer || answer.status === 408 || answer.status >= 500) return null;
  const said = await answer.json().catch(() => null);
  return said?.reason === "too_many_requests" ? null : new Refused(said?.title ?? "");
}

// Sends a file piece by piece, each again where the line broke; returns what the form says of them.
async function inPieces(file, tell) {
  const upload = crypto.randomUUID();
  const count = Math.ceil(file.size / PIECE_BYTES);
  for (let place = 0; place < count; place += 1) {
    const body = new FormData();
    body.set("form_token", form.elements.form_token.value);
    body.set("upload_id", upload);
    body.set("place", place);
    body.set("piece", file.slice(place * PIECE_BYTES, (place + 1) * PIECE_BYTES), "piece");
    for (let left = TRIES; ; left -= 1) {
      const answer = await fetch(`${form.getAttribute("action")}/pieces`, { method: "POST", headers: { Accept: "application/json" }, body }).catch(() => null);
      if (answer?.ok) break;
      const refused = await refusal(answer);
      if (refused) throw refused;
      if (left <= 1) throw new Error("a piece did not arrive");
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
    tell(Math.round((100 * (place + 1)) / count));
  }
  return { upload_id: upload, piece_count: count };
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
  form.addEventListener("submit", async (event) => {
    form.setAttribute("aria-busy", "true");
    say(words.sending, "busy");
    const [file] = input.files;
    if (!file) return;
    event.preventDefault();
    try {
      const sent = await inPieces(file, (part) => say(`${words.sending} ${part} %`, "busy"));
      for (const [name, value] of Object.entries(sent)) form.elements[name].value = value;
      input.disabled = true; // its bytes are there already
      form.submit();
    } catch (error) {
      form.removeAttribute("aria-busy");
      say((error instanceof Refused && error.message) || words.broken, "bad");
    }
  });
  window.addEventListener("pageshow", () => {
    form.removeAttribute("aria-busy");
    input.disabled = false;
    form.elements.piece_count.value = "";
  });
}

if (form && "DataTransfer" in self) {
  const state = form.querySelector("[data-part=state]");
  start(form.querySelector("#video"), form.querySelector("#poster"), (text, look) => {
    state.textContent = text;
    state.dataset.look = look;
  });
  form.dataset.ready = "yes";
}
