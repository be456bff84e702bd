/**
 * Demand: the peaks of the last 24 hours, by hour. Environments pass it on to one another, so merging takes the larger
 * value for each hour: order, repetition, and loss are then harmless. Pure.
 *
 * @module
 */

/** Hour of the epoch → the largest number of environments that were busy with requests in the same second (count). */
export type Demand = Readonly<Record<string, number>>;

/**
 * How far back a peak counts, in hours. A day, because most traffic repeats daily. The hour that began a day ago counts
 * until it is over: otherwise a peak at 8:30 would be forgotten at 8:00 of the next day, just before it is needed.
 */
const REMEMBERED_HOURS = 24;

/** A larger number is forged or broken: it keeps an answer within its 1,024 bytes. */
const MAX_PEAK = 9999;

const MS_PER_HOUR = 3_600_000;

/**
 * Builds a table from what `peakOf` returns for each remembered hour of the epoch. Later hours come from a wrong clock.
 * Anything but an integer from 1 to 9,999 counts as no peak.
 *
 * @param now epoch ms
 */
export function createDemand(now: number, peakOf: (hour: string) => unknown): Demand {
	const entries: [hour: string, peak: number][] = [];
	const thisHour = Math.floor(now / MS_PER_HOUR);
	for (let hour = thisHour - REMEMBERED_HOURS; hour <= thisHour; hour++) {
		const peak = peakOf(`${hour}`) as number;
		if (Number.isInteger(peak) && peak >= 1 && peak <= MAX_PEAK) entries.push([`${hour}`, peak]);
	}
	// One hour more than a table holds: the smallest peak matters least.
	if (entries.length > REMEMBERED_HOURS) {
		const smallest = entries.reduce((one, other) => (other[1] < one[1] ? other : one));
		entries.splice(entries.indexOf(smallest), 1);
	}
	return Object.fromEntries(entries);
}

/**
 * The larger peak for each remembered hour.
 *
 * @param now epoch ms
 */
export function mergeDemand(one: Demand, other: Demand, now: number): Demand {
	return createDemand(now, (hour) => Math.max(one[hour] ?? 0, other[hour] ?? 0));
}

/** The largest peak and the latest hour that had it; undefined if no request has been seen. */
export function largestPeak(demand: Demand): { peak: number; hour: number } | undefined {
	let largest: { peak: number; hour: number } | undefined;
	// Integer keys come in ascending order, so that a later hour wins a tie.
	for (const [hour, peak] of Object.entries(demand)) {
		if (!largest || peak >= largest.peak) largest = { peak, hour: Number(hour) };
	}
	return largest;
}

/**
 * Whether environments that were told one table would later recommend less than those that know the other: a peak is
 * news unless they know one as large of the same hour or a later one. When a daily burst comes again, only its hour is
 * new, and the table of an environment without it would be empty as soon as yesterday is forgotten.
 */
export function isNews(known: Demand, told: Demand): boolean {
	return Object.entries(known).some(
		([hour, peak]) =>
			!Object.entries(told).some(([other, toldPeak]) => Number(other) >= Number(hour) && toldPeak >= peak),
	);
}

/** An hour of the epoch as text, in UTC: `2026-11-28T14Z`. */
export function formatHour(hour: number): string {
	return `${new Date(hour * MS_PER_HOUR).toISOString().slice(0, 13)}Z`;
}
