import type { Fault } from "../../../local-lambda/index.js";
import type { WarmupReport } from "../../../src/index.js";

/** Something that goes wrong during one ping. */
export interface SoakFault {
	name: string;
	/** How often it comes for each time that a common one does. Default 1. */
	weight?: number;
	/** What befalls a child in the Invoke API, by its number (2 to N). */
	ofApi?: (number: number) => Fault | undefined;
	/** What befalls the children themselves, as `faulty.mjs` knows it. */
	ofChildren?: "handler throws" | "init throws" | "slow";
	/** Whether a report has it, where it cannot have been avoided. */
	isIn: (report: WarmupReport) => boolean;
}

const answering = (payload: string) => (): Fault => ({
	kind: "answer",
	payload,
});
const identity = (id: unknown) =>
	answering(JSON.stringify(JSON.stringify({ action: "warmer", id, start: "warm", startedAt: 0 })));
const some =
	(fault: Fault) =>
	(number: number): Fault | undefined =>
		number % 2 ? fault : undefined;

const hasError = ({ errors }: WarmupReport, name: string) => errors.some((error) => error.name === name);

/** Every fault, and the absence of one. */
export const faults: readonly SoakFault[] = [
	{
		name: "none",
		weight: 5,
		isIn: ({ warmed, requested }) => warmed === requested,
	},
	{
		name: "all throttled",
		ofApi: () => "throttle",
		isIn: ({ throttled }) => throttled === 4,
	},
	{
		name: "some throttled",
		ofApi: some("throttle"),
		isIn: ({ throttled }) => throttled === 2,
	},
	{
		name: "403",
		ofApi: () => "deny",
		isIn: (report) => hasError(report, "AccessDeniedException"),
	},
	{
		name: "404",
		ofApi: () => ({ status: 404, errorType: "ResourceNotFoundException" }),
		isIn: (report) => hasError(report, "ResourceNotFoundException"),
	},
	{
		name: "500",
		ofApi: () => "error",
		isIn: (report) => hasError(report, "ServiceException"),
	},
	{
		name: "connections reset",
		ofApi: some("reset"),
		isIn: (report) => hasError(report, "ECONNRESET"),
	},
	{
		name: "a child killed",
		ofApi: (number) => (number === 3 ? "kill" : undefined),
		isIn: (report) => hasError(report, "FunctionError"),
	},
	{
		name: "no answer",
		weight: 0.5,
		ofApi: some("hang"),
		isIn: ({ timedOut }) => timedOut === 2,
	},
	{
		name: "no JSON",
		ofApi: answering("<html>"),
		isIn: ({ unverified }) => unverified === 4,
	},
	{
		name: "answers of 6 MB",
		ofApi: answering(JSON.stringify("x".repeat(6 * 2 ** 20 - 2))),
		isIn: ({ unverified }) => unverified === 4,
	},
	{
		name: "a long identity",
		ofApi: identity("x".repeat(10_000)),
		isIn: ({ unverified }) => unverified === 4,
	},
	{
		name: "children whose handler throws",
		ofChildren: "handler throws",
		isIn: ({ failed }) => failed === 4,
	},
	{
		name: "children whose initialization throws",
		ofChildren: "init throws",
		// Where enough environments are there, none has to start.
		isIn: ({ failed, warmed, requested }) => failed + warmed >= requested,
	},
	{
		name: "slow children",
		weight: 0.5,
		ofChildren: "slow",
		isIn: ({ timedOut }) => timedOut === 4,
	},
];

/** So many faults, by their weights, in a random order. */
export const drawFaults = (count: number, random: () => number): SoakFault[] => {
	const total = faults.reduce((sum, { weight = 1 }) => sum + weight, 0);
	return Array.from({ length: count }, () => {
		let rest = random() * total;
		const drawn = faults.find(({ weight = 1 }) => {
			rest -= weight;
			return rest < 0;
		});
		if (!drawn) throw new Error("A random number was not below 1");
		return drawn;
	});
};
