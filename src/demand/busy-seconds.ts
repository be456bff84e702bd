/**
 * Busy seconds as text that fits into an answer: the last of them in base 36, and a bit for each of the 600 seconds up to
 * it, in hexadecimal, the last second being the lowest bit. Pure.
 *
 * @module
 */

/** How many seconds up to the last busy one are kept (count): twice the usual five minutes between pings. */
export const MAX_BUSY_SECONDS = 600;

/** Packs epoch seconds, in any order; an empty string if there are none. At most 160 characters. */
export function packBusySeconds(seconds: readonly number[]): string {
	if (seconds.length === 0) return "";
	const last = Math.max(...seconds);
	const digits: number[] = [];
	for (const second of seconds) {
		const age = last - second;
		if (age < MAX_BUSY_SECONDS) digits[age >> 2] = (digits[age >> 2] ?? 0) | (1 << (age & 3));
	}
	const hex = Array.from(digits, (digit) => (digit ?? 0).toString(16)).reverse();
	return `${last.toString(36)}.${hex.join("")}`;
}

/** Unpacks what `packBusySeconds` wrote; nothing from any other text. */
export function unpackBusySeconds(packed: string): number[] {
	if (!/^[0-9a-z]{1,8}\.[0-9a-f]{1,150}$/.test(packed)) return [];
	const [last, hex] = packed.split(".") as [string, string];
	const seconds: number[] = [];
	for (const [index, digit] of [...hex].reverse().entries()) {
		for (const bit of [0, 1, 2, 3]) {
			if ((Number.parseInt(digit, 16) >> bit) & 1) seconds.push(Number.parseInt(last, 36) - 4 * index - bit);
		}
	}
	return seconds;
}
