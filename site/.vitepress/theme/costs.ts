import { costOfPings, costOfProvisioned, DEFAULT_PRICES } from "../../../plan/prices.js";

/** The calculator's inputs. */
export interface CostInputs {
	environments: number;
	memoryMb: number;
	everyMinutes: number;
	/** For one environment and one ping. */
	billedMs: number;
}

/** US dollars a month; undefined unless every input is a positive number (an empty field is not). */
export const monthlyCosts = (inputs: CostInputs): { pings: number; provisioned: number } | undefined => {
	const { environments, memoryMb, everyMinutes, billedMs } = inputs;
	if (![environments, memoryMb, everyMinutes, billedMs].every((input) => Number(input) > 0)) return undefined;
	const ping = { pings: 1, invocations: environments, billedMs: environments * billedMs };
	const numbers = { coldStarts: 0, meanConcurrency: environments, maxConcurrency: environments };
	return {
		pings: costOfPings({ ...ping, ...numbers }, everyMinutes * 60_000, memoryMb / 1024, DEFAULT_PRICES),
		provisioned: costOfProvisioned(environments, memoryMb / 1024, DEFAULT_PRICES),
	};
};
