/**
 * What an initiator's work takes in this environment, in ms of wall time: measured, and before there is a measurement,
 * guessed from the function's memory, which buys its share of a processor.
 *
 * @module
 */

import type { Protocol } from "./report.js";

/**
 * A function has one processor at so many MB, and with less of them proportionally less (developer guide, "Configure
 * Lambda function memory").
 */
const mbPerProcessor = 1769;

/** Processor time, in ms of a full core, of what has not run before in an environment; measured on Node.js 24. */
const loadingTime = 90;
const preparingTime = 1;
const answeringTime: Readonly<Record<Protocol, number>> = {
	h2: 1.2,
	"http/1.1": 6,
};

/** How much of answering keeps the deadline waiting: all but what the SDK does with an answer. */
const sendingShare: Readonly<Record<Protocol, number>> = { h2: 0.75, "http/1.1": 0.8 };

/** So many children (count) does what was known before weigh. */
const priorChildren = 8;

/** Tells, and learns, how long things take. */
export interface Pace {
	/** Loading the SDK, with all that comes before the first child can be prepared. A guess. */
	loading(): number;
	/** Preparing a child: its event, the SDK's middleware, its signature. */
	preparing(): number;
	/** Sending a child and reading its answer, less all waiting. */
	answering(protocol: Protocol): number;
	/** What of that cannot be put off at the deadline. */
	sending(protocol: Protocol): number;
	/** Begins to measure preparing. */
	measurePreparing(): {
		/**
		 * A child has been prepared. The first one does not count: it may have waited for credentials, or for the
		 * connection.
		 */
		prepared(): void;
		/** No more will be. */
		end(): void;
	};
	/** Begins to measure answering. The result is called when so many children (count) have answered. */
	measureAnswering(): (children: number, protocol: Protocol) => void;
}

/** A pace that has measured nothing yet. */
export const createPace = (): Pace => {
	const memory = Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
	/** Wall time for processor time. */
	let slowness = memory > 0 ? Math.max(1, mbPerProcessor / memory) : 1;
	/** The same as measured; believed in once all children have answered in time. */
	let measured: number | undefined;
	let preparing: number | undefined;
	const answering = new Map<Protocol, number>();

	const answeringOver = (protocol: Protocol) => answering.get(protocol) ?? answeringTime[protocol] * slowness;

	return {
		loading: () => loadingTime * slowness,
		preparing: () => preparing ?? preparingTime * slowness,
		answering: answeringOver,
		sending: (protocol) => sendingShare[protocol] * answeringOver(protocol),
		measurePreparing: () => {
			const before = preparing ?? preparingTime * slowness;
			let children = -1;
			let begun = 0;
			let used = (): number => 0;
			return {
				prepared: () => {
					children++;
					if (children === 0) {
						begun = performance.now();
						used = processorTime();
					} else {
						// A few children alone tell little: processor time is handed out in periods.
						preparing = (priorChildren * before + performance.now() - begun) / (priorChildren + children);
					}
				},
				end: () => {
					// A few ms tell little of a share. Other threads may have used more than there was time; a coarse clock may show
					// nothing.
					const share = used() / (performance.now() - begun);
					if (children > 0 && share > 0) measured = Math.max(1, Math.sqrt(slowness / share));
				},
			};
		},
		measureAnswering: () => {
			const used = processorTime();
			return (children, protocol) => {
				slowness = measured ?? slowness;
				answering.set(protocol, (slowness * used()) / children);
			};
		},
	};
};

/** Begins to measure the processor time (ms) of this process. To ask costs as much as a tenth of preparing a child. */
const processorTime = (): (() => number) => {
	const begun = process.cpuUsage();
	return () => {
		const { user, system } = process.cpuUsage(begun);
		return (user + system) / 1000;
	};
};
