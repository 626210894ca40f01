// Stop codes, read on this phone alone. The rules are those of
// services/multilingual/domain/stop_code.py; a browser test compares the two.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 5;
const FIELD = 0b100101;
const MOST_TYPED = 40;
const READ_AS = { I: "1", L: "1", O: "0" };

function times(left, right) {
  let product = 0;
  for (; right; right >>= 1) {
    if (right & 1) product ^= left;
    left <<= 1;
    if (left & 0b100000) left ^= FIELD;
  }
  return product;
}

// Returns the letters of what was typed, in their one spelling.
export function plain(typed) {
  const text = typed.slice(0, MOST_TYPED).normalize("NFKC").replace(/[\s\-‐-―−ー]/g, "");
  return text.toUpperCase().replace(/[ILO]/g, (letter) => READ_AS[letter]);
}

// Tells whether something was meant as a code: five letters and digits.
export const isLikeCode = (text) => text.length === LENGTH && [...text].every((letter) => ALPHABET.includes(letter) || letter === "U");

export function isRight(code) {
  const values = [...code].map((letter) => ALPHABET.indexOf(letter));
  if (values.length !== LENGTH || values.includes(-1)) return false;
  const sum = values.slice(0, -1).reduce((total, value, at) => total ^ times(at + 2, value), 0);
  return sum === values[LENGTH - 1];
}

// Tells whether one slip lies between what was typed and a code: a wrong, missing or added letter,
// or two neighbors swapped.
export function isNear(typed, code) {
  if (typed.length === code.length) {
    const wrong = [...code].flatMap((letter, at) => (typed[at] === letter ? [] : [at]));
    const [a, b] = wrong;
    return wrong.length === 1 || (wrong.length === 2 && b === a + 1 && typed[a] === code[b] && typed[b] === code[a]);
  }
  const [short, long] = [typed, code].sort((one, other) => one.length - other.length);
  return long.length - short.length === 1 && [...long].some((_, at) => long.slice(0, at) + long.slice(at + 1) === short);
}

// Returns the code a scanned text leads to, "" for a code of something else, null for a misread one.
export function scanned(text) {
  const found = /^(?:https?:\/\/[^/]+)?\/g\/([^/?#]+)\/?$/i.exec(text.trim());
  if (!found) return "";
  const code = plain(found[1]); // a sign spells its code in plain letters
  return isRight(code) ? code : null;
}
