/**
 * What to do, in one or two sentences. Pure.
 *
 * @module
 */

import type { Plan, PlanRow } from "./answer.js";

/** Below this share, cold starts are too rare to matter, however many requests there are. */
const NEGLIGIBLE_SHARE = 0.001;

/** Below this share, cold starts are rare if there are also fewer than one an hour. */
const LOW_SHARE = 0.01;
const LOW_PER_DAY = 24;

/** Warming that leaves more than this share of the cold starts is not worth it. */
const POOR_SHARE = 0.25;

/** How many more cold starts than "auto" a fixed number may leave, and still count as good (share). */
const GOOD_SHARE = 1.2;

/** A share for people: two significant digits at most. */
export const formatPercent = (share: number): string =>
	`${(100 * share).toLocaleString("en", { maximumSignificantDigits: share < 0.1 ? 2 : 3 })} %`;

/** An amount for people: cents, or two significant digits below ten cents. */
export const formatDollars = (dollars: number): string => {
	const digits = dollars > 0 && dollars < 0.1 ? { maximumSignificantDigits: 1 } : { minimumFractionDigits: 2 };
	return `$${dollars.toLocaleString("en", { maximumFractionDigits: 2, ...digits })}`;
};

const formatCount = (count: number): string => count.toLocaleString("en", { maximumFractionDigits: 0 });

/** Advice about the rows of a plan. */
export const advise = ({ days, rows }: Omit<Plan, "advice">): string => {
	const rowOf = (policy: PlanRow["policy"]) => rows.find((row) => row.policy === policy);
	const [none, auto, provisioned] = [rowOf("none"), rowOf("auto"), rowOf("provisioned")];
	if (!none || !auto || !provisioned) return "";
	const isRare = none.coldShare < LOW_SHARE && none.coldStarts / days < LOW_PER_DAY;
	if (none.coldStarts === 0 || none.coldShare < NEGLIGIBLE_SHARE || isRare) {
		const helped = `"auto" would leave ${formatCount(auto.coldStarts)}, for ${formatDollars(auto.dollarsPerMonth)} a month.`;
		return [
			`Do not warm: your traffic keeps itself warm. Only ${formatCount(none.coldStarts)} requests (${formatPercent(none.coldShare)}) meet a cold start.`,
			...(auto.coldStarts < none.coldStarts / 2 ? [`If they matter to you: ${helped}`] : []),
		].join(" ");
	}
	if (auto.coldStarts > POOR_SHARE * none.coldStarts) {
		return `This needs provisioned concurrency: bursts are larger than what pings can keep warm, and "auto" leaves ${formatCount(auto.coldStarts)} of ${formatCount(none.coldStarts)} cold starts. ${provisioned.meanConcurrency} provisioned environments cost ${formatDollars(provisioned.dollarsPerMonth)} a month.`;
	}
	const fixed = rows.find(
		({ policy, coldStarts }) => typeof policy === "number" && coldStarts <= GOOD_SHARE * auto.coldStarts + 1,
	);
	const recommended = `Use concurrency: "auto". It leaves ${formatCount(auto.coldStarts)} of ${formatCount(none.coldStarts)} cold starts, for ${formatDollars(auto.dollarsPerMonth)} a month.`;
	if (!fixed) return `${recommended} No number up to 10 does as well.`;
	return `${recommended} A fixed ${fixed.policy} does about as well (${formatCount(fixed.coldStarts)}) as long as your traffic stays like this.`;
};
