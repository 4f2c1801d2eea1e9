// format.js: how sizes, times, names and addresses are shown.

import { locale, word } from "./words.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"];
const DAY = 86_400_000;
const numbers = new Map();
const dates = new Map();

function number(unit, digits) {
  const key = unit + digits;
  if (!numbers.has(key)) {
    const options = { style: "unit", unit, unitDisplay: unit === "byte" ? "narrow" : "short" };
    numbers.set(key, new Intl.NumberFormat(locale, { ...options, maximumFractionDigits: digits }));
  }
  return numbers.get(key);
}

function date(key, options) {
  if (!dates.has(key)) dates.set(key, new Intl.DateTimeFormat(locale, options));
  return dates.get(key);
}

/** 12 B, 4.1 kB, 812 MB: powers of 1000, as file managers count. */
export function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return `${value} B`;
  return number(UNITS[unit], value < 10 ? 1 : 0).format(value);
}

export const exactSize = (bytes) => number("byte", 0).format(bytes);
export const rate = (bytesPerSecond) => `${size(Math.round(bytesPerSecond))}/s`;
export const percent = (part) => new Intl.NumberFormat(locale, { style: "percent" }).format(part);

/** 8 s, 3 min, 2 h: one unit is enough for something that is a guess anyway. */
export function duration(seconds) {
  const [value, unit] = seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(Math.max(1, Math.round(value)));
}

const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);
const daysAgo = (at) => Math.round((midnight(Date.now()) - midnight(at)) / DAY);

export const sameDay = (one, other) => midnight(one) === midnight(other);
export const clock = (at) => date("clock", { hour: "numeric", minute: "2-digit" }).format(at);
export const fullTime = (at) => date("full", { dateStyle: "full", timeStyle: "medium" }).format(at);

/** The name of a day, for the lines that part the days of the chat. */
export function day(at) {
  const ago = daysAgo(at);
  if (ago === 0) return word("today");
  if (ago === 1) return word("yesterday");
  const year = new Date(at).getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date(`day${year}`, { weekday: "long", day: "numeric", month: "long", year }).format(at);
}

/** When a file changed: the nearer, the finer. */
export function moment(at) {
  const ago = daysAgo(at);
  if (ago === 0) return `${word("today")} ${clock(at)}`;
  if (ago === 1) return `${word("yesterday")} ${clock(at)}`;
  if (new Date(at).getFullYear() === new Date().getFullYear()) {
    return date("month", { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }).format(at);
  }
  return date("year", { day: "numeric", month: "short", year: "numeric" }).format(at);
}

// What hides or reorders text could make "exe.jpg" of "gpj.exe": it is shown as a mark instead. Joiners stay, emoji need them.
const DECEIVING = /[\p{Cc}\u061C\u200B\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/gu;

/** A name somebody else chose, on one line and without tricks. */
export const plain = (name) => name.replace(DECEIVING, "\uFFFD");

/** A percent-encoded segment as text; bytes that are no UTF-8 become replacement characters instead of an error. */
export function decoded(segment) {
  const bytes = [];
  for (let at = 0; at < segment.length; at += 1) {
    const hex = /^%[0-9a-f]{2}/i.exec(segment.slice(at, at + 3));
    if (hex) at += 2;
    bytes.push(...(hex ? [parseInt(hex[0].slice(1), 16)] : new TextEncoder().encode(segment[at])));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

const segmenter = Intl.Segmenter ? new Intl.Segmenter(locale, { granularity: "grapheme" }) : null;

/** Text in the units a reader sees, so that no emoji or accent is cut in two. */
export const graphemes = (text) => (segmenter ? Array.from(segmenter.segment(text), (part) => part.segment) : Array.from(text));

/** One or two letters that stand for a name. */
export function initials(name) {
  const words = plain(name).trim().split(/[\s._-]+/).filter(Boolean);
  const letters = words.slice(0, 2).map((part) => graphemes(part)[0]);
  const wide = /[^\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}]/u.test(letters.join(""));
  return (wide ? letters[0] ?? "?" : letters.join("")).toLocaleUpperCase(locale) || "?";
}

/** Which of the page's ten colours a name has, always the same one. */
export function hue(name) {
  let hash = 2_166_136_261;
  for (const byte of new TextEncoder().encode(name.toLowerCase())) hash = Math.imul(hash ^ byte, 16_777_619) >>> 0;
  return `hue-${((hash ^ (hash >>> 15)) >>> 0) % 10}`;
}

const KINDS = {
  image: "png jpg jpeg gif webp avif heic heif bmp tif tiff svg ico raw psd",
  video: "mp4 m4v mkv mov webm avi wmv flv ogv 3gp",
  audio: "mp3 flac wav ogg opus m4a aac aiff mid wma",
  archive: "zip tar gz tgz bz2 xz zst 7z rar iso dmg deb rpm jar apk img",
  code: "rs py c h cc cpp hpp js mjs ts tsx jsx go java kt swift rb php sh bash zsh fish lua sql html htm css scss json yaml yml toml xml ini cfg conf asm zig",
  sheet: "csv tsv xls xlsx ods numbers parquet",
  paper: "pdf ps djvu epub mobi",
  text: "txt md markdown rst log doc docx odt rtf tex pages nfo org",
  slide: "ppt pptx odp key",
};
const kinds = new Map(Object.entries(KINDS).flatMap(([kind, endings]) => endings.split(" ").map((ending) => [ending, kind])));

/** The class of a file's glyph, by the ending of its name. */
export const glyph = (name) => kinds.get(/\.([^.]+)$/.exec(name)?.[1].toLowerCase()) ?? "other";
