/**
 * Demand: the peak of each of the last 24 hours. Environments pass it on to one another, so merging takes the larger
 * value for each hour: order, repetition, and loss are then harmless. Pure.
 *
 * @module
 */

/** Hour of the epoch → the largest number of environments that were busy with requests in the same second (count). */
export type Demand = Readonly<Record<string, number>>;

/** How long a peak is remembered, in hours. A day, because most traffic repeats daily. */
const REMEMBERED_HOURS = 24;

/** A larger number is forged or broken: it keeps an answer within its 1,024 bytes. */
const MAX_PEAK = 9999;

const MS_PER_HOUR = 3_600_000;

/** The hours that count at an instant (epoch ms), the oldest first. Later hours come from a wrong clock. */
const rememberedHours = (now: number): number[] => {
	const hour = Math.floor(now / MS_PER_HOUR);
	return Array.from({ length: REMEMBERED_HOURS }, (_, index) => hour - REMEMBERED_HOURS + 1 + index);
};

/**
 * Builds a table from what `peakOf` returns for each remembered hour. Anything but an integer from 1 to 9,999 counts as
 * no peak.
 *
 * @param now epoch ms
 */
export const createDemand = (now: number, peakOf: (hour: string) => unknown): Demand => {
	const demand: Record<string, number> = {};
	for (const hour of rememberedHours(now)) {
		const peak = peakOf(`${hour}`);
		if (Number.isInteger(peak) && (peak as number) >= 1 && (peak as number) <= MAX_PEAK) {
			demand[hour] = peak as number;
		}
	}
	return demand;
};

/**
 * The larger peak for each remembered hour.
 *
 * @param now epoch ms
 */
export const mergeDemand = (one: Demand, other: Demand, now: number): Demand =>
	createDemand(now, (hour) => Math.max(one[hour] ?? 0, other[hour] ?? 0));

/** The largest peak and the latest hour that had it; undefined if no request has been seen. */
export const largestPeak = (demand: Demand): { peak: number; hour: number } | undefined => {
	const [largest] = Object.entries(demand)
		.map(([hour, peak]) => ({ peak, hour: Number(hour) }))
		.sort((one, other) => other.peak - one.peak || other.hour - one.hour);
	return largest;
};

/** An hour of the epoch as text, in UTC: `2026-11-28T14Z`. */
export const formatHour = (hour: number): string => `${new Date(hour * MS_PER_HOUR).toISOString().slice(0, 13)}Z`;
