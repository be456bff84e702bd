/**
 * Timestamps as logs write them. Pure.
 *
 * @module
 */

/** Epoch ms of 1990 and 2100: a number outside is not a time. */
const EARLIEST = Date.UTC(1990);
const LATEST = Date.UTC(2100);

/** Units by their number of ms. */
const EPOCH_UNITS = [1000, 1, 1 / 1000, 1 / 1_000_000];

/** Epoch ms of a number of seconds, ms, µs or ns, whichever gives a time of today; NaN if none does. */
const parseEpoch = (text: string): number => {
	const number = Number(text);
	for (const msPerUnit of EPOCH_UNITS) {
		const at = number * msPerUnit;
		if (at >= EARLIEST && at <= LATEST) return at;
	}
	return Number.NaN;
};

/** The digits from `start` to `end` as a number; NaN if there is anything else. */
const digits = (text: string, start: number, end: number): number => {
	let number = 0;
	for (let index = start; index < end; index++) {
		const digit = text.charCodeAt(index) - 48;
		if (!(digit >= 0 && digit <= 9)) return Number.NaN;
		number = 10 * number + digit;
	}
	return number;
};

let dayText = "";
let dayAt = Number.NaN;

/** Epoch ms of the midnight before a date. Logs repeat dates, so the last one is kept. */
const midnightOf = (date: string, year: number, month: number, day: number): number => {
	if (date !== dayText) {
		dayText = date;
		dayAt = month >= 1 && month <= 12 && day >= 1 && day <= 31 ? Date.UTC(year, month - 1, day) : Number.NaN;
	}
	return dayAt;
};

/** Ms of a fraction such as `.123456`, from its first digit. */
const parseFraction = (text: string, start: number, end: number): number =>
	end > start ? digits(text, start, Math.min(end, start + 9)) * 10 ** (3 - Math.min(end - start, 9)) : 0;

/** Ms that a zone is ahead of UTC: `Z`, `+02`, `+0200` or `+02:00`. No zone means UTC, as CloudWatch writes it. */
const parseZone = (text: string, start: number): number => {
	const rest = text.length - start;
	const sign = text[start];
	if (rest === 0 || (rest === 1 && (sign === "Z" || sign === "z"))) return 0;
	if (sign !== "+" && sign !== "-") return Number.NaN;
	const minutesAt = text[start + 3] === ":" ? start + 4 : start + 3;
	const minutes = rest === 3 ? 0 : digits(text, minutesAt, minutesAt + 2);
	return (sign === "+" ? 1 : -1) * (60 * digits(text, start + 1, start + 3) + minutes) * 60_000;
};

/** Epoch ms of `2026-11-28T14:03:22.123Z`, with a blank instead of the T, without a fraction, seconds, or zone. */
const parseIso = (text: string): number => {
	const midnight = midnightOf(text.slice(0, 10), digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10));
	if (text.length === 10) return midnight;
	let end = 16;
	let seconds = 0;
	let fractionMs = 0;
	if (text[16] === ":") {
		seconds = digits(text, 17, 19);
		end = 19;
		if (text[19] === "." || text[19] === ",") {
			end = 20;
			while (digits(text, end, end + 1) >= 0) end++;
			fractionMs = parseFraction(text, 20, end);
		}
	}
	if (text[end] === " ") end++;
	const minutes = 60 * digits(text, 11, 13) + digits(text, 14, 16);
	return midnight + (60 * minutes + seconds) * 1000 + fractionMs - parseZone(text, end);
};

/** Epoch ms of a timestamp: an epoch in s, ms, µs or ns, or ISO 8601; NaN if it is none. */
export const parseTimestamp = (text: string): number => {
	const trimmed = text.trim();
	const at =
		trimmed[4] === "-" && trimmed[7] === "-" ? parseIso(trimmed) : trimmed === "" ? Number.NaN : parseEpoch(trimmed);
	return at >= EARLIEST && at <= LATEST ? at : Number.NaN;
};

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** Epoch ms of `28/Nov/2026:14:03:22 +0000`, as access logs write it; NaN if it is none. */
export const parseAccessLogTime = (text: string): number => {
	const month = MONTHS.indexOf(text.slice(3, 6)) / 3 + 1;
	const midnight = midnightOf(text.slice(0, 11), digits(text, 7, 11), month, digits(text, 0, 2));
	const seconds = 3600 * digits(text, 12, 14) + 60 * digits(text, 15, 17) + digits(text, 18, 20);
	return midnight + 1000 * seconds - parseZone(text, 21);
};
