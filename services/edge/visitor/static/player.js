// Listening to a stop: one big button, the phrases as pieces of a line, the words being said lit up in
// the text below. Nothing plays by itself. Without this script the browser's own controls are there.
const SPEEDS = [1, 1.25, 1.5, 0.8];
const NAME = /^(.+):(\d+)-(\d+)$/; // of a cue: paragraph and place, as the guide writes it
const AGAIN_S = 1.5; // "say that again" within this goes to the phrase before

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const part = (root, name) => root.querySelector(`[data-part=${name}]`);
const paragraphOf = (id) => document.querySelector(`[data-said="${CSS.escape(id)}"]`);

// The range of a paragraph's text, counted in characters as the guide does; null where it is not here.
function rangeOf(id, start, end) {
  const node = paragraphOf(id)?.firstChild;
  if (node?.nodeType !== Node.TEXT_NODE) return null;
  const letters = Array.from(node.data);
  const at = (count) => letters.slice(0, count).join("").length;
  if (end > letters.length) return null;
  const range = new Range();
  range.setStart(node, at(start));
  range.setEnd(node, at(end));
  return range;
}

const lit = "highlights" in CSS && self.Highlight ? new Highlight() : null;
if (lit) CSS.highlights.set("spoken", lit);
function lightUp(range) {
  lit?.clear();
  if (range) lit?.add(range);
}

function play(root) {
  const sound = part(root, "sound");
  const [deck, button, seek, pieces, time, caption, speed, back] = ["deck", "play", "seek", "pieces", "time", "caption", "speed", "back"].map((name) => part(root, name));
  const length = () => (Number.isFinite(sound.duration) ? sound.duration : Number(seek.max) / 1000);
  let cues = [];
  let shown; // undefined until the first drawing
  const hint = root.querySelector("track") && lit ? root.dataset.hint : "";
  let held = false; // a finger is on the line

  const cueAt = (seconds) => cues.findLast((cue) => cue.startTime <= seconds) ?? null;

  function draw() {
    const now = held ? Number(seek.value) / 1000 : sound.currentTime;
    if (!held) seek.value = Math.round(now * 1000);
    const told = clock(now);
    time.textContent = `${told} / ${clock(length())}`;
    seek.setAttribute("aria-valuetext", root.dataset.time.replace("{now}", told).replace("{all}", clock(length())));
    for (const [index, piece] of [...pieces.children].entries()) {
      const { startTime, endTime } = cues[index] ?? { startTime: 0, endTime: length() }; // no captions: one piece
      piece.style.setProperty("--done", Math.min(1, Math.max(0, (now - startTime) / (endTime - startTime))));
    }
    const begun = now > 0 || !sound.paused;
    const cue = begun && !sound.ended ? cueAt(now) : null;
    if (cue === shown) return;
    shown = cue;
    caption.textContent = cue?.text ?? (begun ? "" : hint);
    caption.classList.toggle("player__caption--hint", !cue);
    const place = NAME.exec(cue?.id ?? "");
    lightUp(place && rangeOf(place[1], Number(place[2]), Number(place[3])));
  }

  function follow() {
    draw();
    if (!sound.paused && !sound.ended) requestAnimationFrame(follow);
  }

  function takeCues(track) {
    cues = [...(track.track.cues ?? [])];
    pieces.replaceChildren(
      ...cues.map((cue) => {
        const piece = document.createElement("span");
        piece.style.flexGrow = cue.endTime - cue.startTime;
        return piece;
      }),
    );
    draw();
  }

  const track = root.querySelector("track");
  if (track) {
    track.addEventListener("load", () => takeCues(track));
    track.track.mode = "hidden"; // the browser loads it, and shows nothing of its own
    if (track.readyState === HTMLTrackElement.LOADED) takeCues(track);
  } else pieces.append(document.createElement("span"));

  const state = () => {
    root.classList.toggle("player--playing", !sound.paused);
    button.setAttribute("aria-label", sound.paused ? button.dataset.play : button.dataset.pause);
    follow();
  };
  const go = (seconds) => {
    sound.currentTime = Math.min(Math.max(0, seconds), length());
    draw();
  };
  const trouble = () => {
    caption.textContent = root.dataset.broken;
    caption.removeAttribute("aria-hidden");
    caption.setAttribute("role", "status");
  };
  // What a locked screen shows.
  if ("mediaSession" in navigator) sound.addEventListener("play", () => (navigator.mediaSession.metadata = new MediaMetadata({ title: root.dataset.name, album: root.dataset.place })));
  for (const kind of ["play", "pause", "ended", "seeked"]) sound.addEventListener(kind, state);
  root.querySelector("source").addEventListener("error", trouble);
  sound.addEventListener("error", trouble);
  button.addEventListener("click", () => (sound.paused ? sound.play().catch((error) => error.name === "AbortError" || trouble()) : sound.pause()));
  seek.addEventListener("input", () => {
    held = true;
    draw();
  });
  seek.addEventListener("change", () => {
    held = false;
    go(Number(seek.value) / 1000);
  });
  back.addEventListener("click", () => {
    const cue = cueAt(sound.currentTime);
    const before = cue && sound.currentTime - cue.startTime < AGAIN_S ? cues[cues.indexOf(cue) - 1] : cue;
    go(before?.startTime ?? 0);
  });
  speed.addEventListener("click", () => {
    sound.playbackRate = SPEEDS[(SPEEDS.indexOf(sound.playbackRate) + 1) % SPEEDS.length];
    speed.textContent = `${sound.playbackRate}×`;
    speed.setAttribute("aria-label", root.dataset.speed.replace("{times}", speed.textContent));
  });
  speed.setAttribute("aria-label", root.dataset.speed.replace("{times}", "1×"));
  addEventListener("pagehide", () => sound.pause());
  sound.controls = false;
  sound.hidden = true;
  deck.hidden = false;
  draw();
}

// Where nobody has recorded the language: the voice of the phone itself, if it has one.
function readAloud(root) {
  const voices = self.speechSynthesis;
  if (!voices) return;
  const wanted = root.dataset.lang.toLowerCase();
  const base = (tag) => tag.toLowerCase().replace("_", "-").split("-")[0];
  // Chinese voices are named after regions, texts after scripts.
  const regions = { "zh-hant": ["zh-tw", "zh-hk"], "zh-hans": ["zh-cn", "zh-sg"] };
  // Some browsers send the text to a voice elsewhere: that would need signal, and be no voice of this phone.
  const fits = (voice) => {
    if (!voice.localService) return false;
    const tag = voice.lang.toLowerCase().replace("_", "-");
    return regions[wanted] ? regions[wanted].includes(tag) : base(tag) === base(wanted);
  };
  const button = part(root, "play");
  const label = button.querySelector("span");
  let reading = false;
  const show = () => (root.hidden = !voices.getVoices().some(fits));
  const stop = () => {
    reading = false;
    voices.cancel();
    lightUp(null);
    label.textContent = button.dataset.play;
  };
  button.addEventListener("click", () => {
    if (reading) return stop();
    const voice = voices.getVoices().find(fits);
    const texts = [document.querySelector("h1"), ...document.querySelectorAll("[data-said]")];
    const own = texts.filter((each) => !each.lang || base(each.lang) === base(wanted));
    reading = true;
    label.textContent = button.dataset.stop;
    own.forEach((each, at) => {
      const spoken = new SpeechSynthesisUtterance(each.textContent);
      spoken.voice = voice;
      spoken.lang = voice.lang;
      spoken.onstart = () => {
        const range = new Range();
        range.selectNodeContents(each);
        lightUp(range);
      };
      if (at === own.length - 1) spoken.onend = stop;
      voices.speak(spoken);
    });
  });
  addEventListener("pagehide", stop);
  voices.addEventListener?.("voiceschanged", show);
  show();
}

const player = document.querySelector("[data-player]");
if (player) play(player);
const own = document.querySelector("[data-own-voice]");
if (own) readAloud(own);
