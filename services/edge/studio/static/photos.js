// Makes a photo of a phone smaller before it is sent: drawn anew upright, so that neither place nor camera leaves the phone.
const SEND_BYTES = 3_900_000; // what the guide takes, with room for the words around it
const AS_IT_IS_BYTES = 1_500_000; // not worth a wait
const SIDES = [3200, 2400, 1600]; // visitors see 1600 at most
const QUALITY = 0.88;
const WHITE = "#fff"; // behind what is transparent, as the guide does

const form = document.querySelector(".studio-send");
const megabytes = (bytes) => (Math.ceil(bytes / 100_000) / 10).toLocaleString(document.documentElement.lang);
const fill = (text, given) => Object.entries(given).reduce((filled, [name, value]) => filled.replace(`{${name}}`, value), text);

// Returns a JPEG with no side above `side`; the browser turns it upright by itself.
async function drawn(image, side) {
  const scale = Math.min(1, side / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const pen = canvas.getContext("2d", { alpha: false });
  pen.fillStyle = WHITE;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}

// Returns a smaller file, null where none is small enough. Throws where the browser cannot read it.
async function smaller(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    for (const side of SIDES) {
      const blob = await drawn(image, side);
      if (blob && blob.type === "image/jpeg" && blob.size <= SEND_BYTES) return new File([blob], "photo.jpg", { type: blob.type });
    }
    return null;
  } finally {
    image.close();
  }
}

function start(input, say) {
  const words = form.dataset;
  let newest = 0;

  async function prepare(file, mine) {
    form.setAttribute("aria-busy", "true");
    input.setCustomValidity(words.shrinking);
    say(words.shrinking, "busy");
    let made = null;
    let why = words.unable;
    try {
      made = await smaller(file);
    } catch {
      why = words.unread;
    }
    if (mine !== newest) return; // another one was chosen meanwhile
    form.removeAttribute("aria-busy");
    if (!made && file.size <= SEND_BYTES) {
      input.setCustomValidity("");
      return say(fill(words.fits, { size: megabytes(file.size) }), "done"); // the guide says what it is
    }
    if (!made) {
      input.setCustomValidity(why);
      return say(why, "bad");
    }
    const one = new DataTransfer();
    one.items.add(made);
    input.files = one.files;
    input.setCustomValidity("");
    say(fill(words.shrunk, { before: megabytes(file.size), after: megabytes(made.size) }), "done");
  }

  input.addEventListener("change", () => {
    newest += 1;
    input.setCustomValidity("");
    form.removeAttribute("aria-busy");
    const [file] = input.files;
    if (!file) return say("", "");
    if (file.size <= AS_IT_IS_BYTES) return say(fill(words.fits, { size: megabytes(file.size) }), "done");
    return prepare(file, newest);
  });
  form.addEventListener("submit", () => {
    form.setAttribute("aria-busy", "true");
    say(words.sending, "busy");
  });
  window.addEventListener("pageshow", () => form.removeAttribute("aria-busy"));
}

if (form && "createImageBitmap" in self && "DataTransfer" in self) {
  const state = form.querySelector("[data-part=state]");
  form.querySelector("[data-part=larger]").hidden = false;
  start(form.querySelector("[type=file]"), (text, look) => {
    state.textContent = text;
    state.dataset.look = look;
  });
  form.dataset.ready = "yes";
}
