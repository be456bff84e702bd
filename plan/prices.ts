/**
 * What warming and provisioned concurrency cost: the prices and formulas of docs/when-not-to-warm.md. Pure.
 *
 * @module
 */

import type { Simulated } from "./simulate.js";

/** In US dollars. */
export interface Prices {
	readonly perInvocation: number;
	readonly perGbSecond: number;
	readonly perProvisionedGbSecond: number;
}

/** For x86 in US East (N. Virginia), as of November 2026, without the free tier. */
export const DEFAULT_PRICES: Prices = {
	perInvocation: 0.0000002,
	perGbSecond: 0.0000166667,
	perProvisionedGbSecond: 0.0000041667,
};

/** Of 30 days. */
const MS_PER_MONTH = 30 * 86_400_000;

/** US dollars a month for pings like those that were simulated. */
export const costOfPings = (
	{ pings, invocations, billedMs }: Simulated,
	pingEveryMs: number,
	memoryGb: number,
	{ perInvocation, perGbSecond }: Prices,
): number => {
	if (pings === 0) return 0;
	const perPing = (invocations * perInvocation + (billedMs / 1000) * memoryGb * perGbSecond) / pings;
	return (perPing * MS_PER_MONTH) / pingEveryMs;
};

/** US dollars a month for provisioned concurrency, all day. */
export const costOfProvisioned = (concurrency: number, memoryGb: number, { perProvisionedGbSecond }: Prices): number =>
	(concurrency * memoryGb * perProvisionedGbSecond * MS_PER_MONTH) / 1000;
