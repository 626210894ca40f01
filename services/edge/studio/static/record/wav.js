// Samples of a microphone as a WAV file of 16 bits, 24 kHz, mono: what the guide makes MP3 of.
export const RATE = 24_000;
const HEAD_BYTES = 44;
const REACH = 24; // samples on each side that one new sample is made of, at the old rate

export const seconds = (pieces, rate) => pieces.reduce((sum, each) => sum + each.length, 0) / rate;
export const peak = (samples) => samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0);

export function joined(pieces) {
  const whole = new Float32Array(pieces.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of pieces) {
    whole.set(each, at);
    at += each.length;
  }
  return whole;
}

// Returns the samples at RATE. What the lower rate cannot hold is taken out first (a sinc under a Hann
// window, cut at 92 % of the half), else hissing letters would come back as whistles.
export function resampled(samples, rate) {
  if (rate === RATE) return samples;
  const step = rate / RATE;
  const cut = 0.92 * Math.min(1, 1 / step);
  const reach = Math.ceil(REACH * Math.max(1, step));
  const made = new Float32Array(Math.floor(samples.length / step));
  for (let at = 0; at < made.length; at++) {
    const middle = at * step;
    const first = Math.max(0, Math.ceil(middle - reach));
    const last = Math.min(samples.length - 1, Math.floor(middle + reach));
    let sum = 0;
    let weight = 0;
    for (let each = first; each <= last; each++) {
      const away = each - middle;
      const turn = Math.PI * cut * away;
      const factor = (turn ? Math.sin(turn) / turn : 1) * (0.5 + 0.5 * Math.cos((Math.PI * away) / reach));
      sum += samples[each] * factor;
      weight += factor;
    }
    made[at] = weight ? sum / weight : 0;
  }
  return made;
}

// Returns the bytes of a WAV file of samples at RATE; louder than full is full.
export function wav(samples) {
  const bytes = new ArrayBuffer(HEAD_BYTES + 2 * samples.length);
  const view = new DataView(bytes);
  const letters = (at, text) => [...text].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  letters(0, "RIFF");
  view.setUint32(4, bytes.byteLength - 8, true);
  letters(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // plain samples
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, RATE, true);
  view.setUint32(28, 2 * RATE, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  letters(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((each, at) => view.setInt16(HEAD_BYTES + 2 * at, Math.round(Math.max(-1, Math.min(1, each)) * 32_767), true));
  return bytes;
}
