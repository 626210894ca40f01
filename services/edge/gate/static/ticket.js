// What a ticket's code says, checked on this device alone. The layout is that of
// services/payments/domain/ticket_code.py; a browser test compares the two.
const PREFIX = "MT1:";
const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const HEAD_BYTES = 33;
const LINE_BYTES = 3;
const SIGNATURE_BYTES = 64;
const PRACTICE_BIT = 0x80;
const DAY_MS = 86_400_000;
const DAY_ZERO = Date.UTC(2000, 0, 1);

export class NotRead extends Error {}

function fromBase45(text) {
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const part = [...text.slice(at, at + 3)].map((letter) => BASE45.indexOf(letter));
    const value = part.reduce((sum, digit, power) => sum + digit * 45 ** power, 0);
    const size = part.length - 1;
    if (part.includes(-1) || size < 1 || value >= 256 ** size) throw new NotRead("unreadable");
    if (size === 2) bytes.push(value >> 8);
    bytes.push(value & 255);
  }
  return Uint8Array.from(bytes);
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const dayOf = (days) => new Date(DAY_ZERO + days * DAY_MS).toISOString().slice(0, 10);

export function unpack(text) {
  const plain = text.replace(/^[\r\n\t]+|[\r\n\t]+$/g, "").toUpperCase();
  if (!plain.startsWith(PREFIX) || plain.length > 400) throw new NotRead("not_a_ticket");
  const raw = fromBase45(plain.slice(PREFIX.length));
  if (raw.length < HEAD_BYTES + SIGNATURE_BYTES) throw new NotRead("unreadable");
  const view = new DataView(raw.buffer);
  const count = raw[HEAD_BYTES - 1];
  if (raw[0] !== 1 || (raw[27] & ~PRACTICE_BIT) > 1 || raw.length !== HEAD_BYTES + count * LINE_BYTES + SIGNATURE_BYTES) {
    throw new NotRead("unreadable");
  }
  const lines = [];
  for (let at = HEAD_BYTES; at < raw.length - SIGNATURE_BYTES; at += LINE_BYTES) {
    lines.push({ number: raw[at], persons: view.getUint16(at + 1) });
  }
  return {
    body: raw.slice(0, -SIGNATURE_BYTES),
    signature: raw.slice(-SIGNATURE_BYTES),
    keyId: hex(raw.slice(1, 5)),
    ticketId: hex(raw.slice(5, 21)),
    firstDate: dayOf(view.getUint16(21)),
    lastDate: dayOf(view.getUint16(23)),
    persons: view.getUint16(25),
    site: hex(raw.slice(28, 32)),
    lines,
    practice: (raw[27] & PRACTICE_BIT) !== 0,
  };
}

export async function isSigned(publicKey, message, signature) {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch {
    const { verifyAsync } = await import("./vendor/ed25519.js"); // older browsers know no Ed25519
    // zip215 false: the strict rules of RFC 8032, as the issuer's own library applies them
    return verifyAsync(signature, message, publicKey, { zip215: false });
  }
}

// Decides as the server would, but for what only the server knows: payments and other gates.
export async function decide(text, setup, now = new Date()) {
  let ticket;
  try {
    ticket = unpack(text);
  } catch (error) {
    if (!(error instanceof NotRead)) throw error;
    return { outcome: "unknown", reason: error.message, lines: [], persons: 0 };
  }
  const found = {
    ticket_id: ticket.ticketId, persons: ticket.persons, lines: ticket.lines,
    first_date: ticket.firstDate, last_date: ticket.lastDate, practice: ticket.practice,
  };
  const refused = (reason) => ({ outcome: "refused", reason, ...found });
  const publicKey = setup.keys[ticket.keyId];
  if (!publicKey) return refused("unknown_key");
  const purpose = new TextEncoder().encode(`meguri-ticket\0${setup.area}\0`);
  const message = new Uint8Array([...purpose, ...ticket.body]);
  if (!(await isSigned(fromHex(publicKey), message, ticket.signature))) return refused("bad_signature");
  if (!setup.sites.includes(ticket.site)) return refused("other_gate");
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: setup.time_zone }).format(now);
  if (today < ticket.firstDate) return refused("not_yet");
  if (today > ticket.lastDate) return refused("expired");
  if (ticket.practice) return { outcome: "practice", reason: "practice", ...found };
  return { outcome: "admitted", reason: "", ...found };
}
