// The microphone of this device. It is on from the first count to the end of a recording, no longer.
import { RATE } from "./wav.js";

// The voice as it is: what is meant for calls eats the ends of words. Phones set how loud it is.
const WANTED = { audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true } };

// Why this page cannot record at all, "" where it can.
export function hindrance() {
  if (!isSecureContext) return "insecure";
  if (!navigator.mediaDevices?.getUserMedia || !self.AudioWorkletNode) return "unable";
  return "";
}

const REASONS = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing", NotReadableError: "taken" };
export const reasonOf = (error) => REASONS[error?.name] ?? "broken";

// Opens the microphone. hear: called with each piece of samples; lost: when it is pulled out or taken away.
// Returns the rate of the samples and how to close it.
export async function open(hear, lost) {
  const stream = await navigator.mediaDevices.getUserMedia(WANTED);
  const close = [() => stream.getTracks().forEach((each) => each.stop())];
  try {
    const context = await listen(stream, hear, lost, close);
    return { rate: context.sampleRate, close: () => close.forEach((each) => each()) };
  } catch (error) {
    close.forEach((each) => each());
    throw error;
  }
}

// At the rate of the file where the browser can; some refuse a microphone of another rate than their own.
async function listen(stream, hear, lost, close) {
  let context = new AudioContext({ sampleRate: RATE });
  let source;
  try {
    source = context.createMediaStreamSource(stream);
  } catch {
    await context.close();
    context = new AudioContext();
    source = context.createMediaStreamSource(stream);
  }
  let open = true;
  close.push(() => {
    if (open) context.close();
    open = false;
  });
  await context.audioWorklet.addModule(new URL("worklet.js", import.meta.url));
  const gatherer = new AudioWorkletNode(context, "gatherer", { channelCount: 1, channelCountMode: "explicit" });
  gatherer.port.onmessage = (event) => open && hear(event.data);
  source.connect(gatherer).connect(context.destination); // it gives silence; what leads nowhere may not run
  await context.resume();
  const gone = () => open && lost();
  stream.getAudioTracks()[0].addEventListener("ended", gone);
  context.addEventListener("statechange", () => context.state !== "running" && gone()); // a call comes in
  return context;
}
