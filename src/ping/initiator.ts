/**
 * The initiator of a ping: it decides how many environments to request, fans out, and reports.
 *
 * @module
 */

import type { Demand } from "../demand/demand.js";
import { recommend } from "../demand/recommend.js";
import { createFanOut, type FanOutPlan } from "../fan-out/fan-out.js";
import type { HoldEstimates } from "../fan-out/hold.js";
import type { ResolvedOptions } from "../options.js";
import { explainShortfall, type WarmupReport } from "../report/report.js";
import { createTally } from "../report/tally.js";
import type { Callbacks } from "./callbacks.js";
import type { PingContext } from "./context.js";
import { functionVersion, invokedFunction, reasonNotToFanOut, reasonToInvokeNothing } from "./function.js";
import type { Ping } from "./parse.js";

/**
 * Returns a function that runs a ping as its initiator. The result is the report and the peaks to remember; it never
 * rejects because of a child.
 */
export function createInitiator(options: ResolvedOptions, callbacks: Callbacks, estimates: HoldEstimates) {
	const { verify } = options;
	let fanOut: ReturnType<typeof createFanOut> | undefined;

	const reasonToSkip = (ping: Ping, { request }: PingContext, needsChildren: boolean): string | undefined => {
		if (ping.isTest) return "a test ping invokes nothing";
		if (ping.isRefused) return "the target is not listed in the option targets";
		if (!needsChildren) return undefined;
		return (
			reasonToInvokeNothing(options) ?? (ping.target === undefined ? reasonNotToFanOut(request.context) : undefined)
		);
	};

	const publish = async (report: WarmupReport, { request, callbacksDeadline }: PingContext): Promise<void> => {
		callbacks.write(report);
		const shortfall = verify ? explainShortfall(report) : undefined;
		if (shortfall) callbacks.warn(shortfall, request.context);
		await callbacks.onReport(report, request, callbacksDeadline());
	};

	/** @param known the peaks of the target that this environment remembers */
	return async (
		ping: Ping,
		context: PingContext,
		correlationId: string,
		known: Demand,
	): Promise<{ report: WarmupReport; demand: Demand }> => {
		const { request, id, start, served, deadline, isFlagged } = context;
		const isOwnFunction = ping.target === undefined && !ping.isRefused;
		const target = ping.target ?? invokedFunction(request.context) ?? functionVersion();
		const initiator = isOwnFunction ? { id, start, served } : undefined;
		const tally = createTally({
			function: functionVersion(),
			target,
			correlationId,
			initiator,
			demand: known,
			limits: options,
			verify,
		});
		const automatic = ping.concurrency === "auto" ? recommend(tally.demand(), options) : undefined;
		const concurrency = automatic?.concurrency ?? Number(ping.concurrency);
		const firstNumber = isOwnFunction ? 2 : 1;
		const needsChildren = concurrency >= firstNumber;
		const skipped = reasonToSkip(ping, context, needsChildren);
		const plan: FanOutPlan = {
			target,
			tenantId: (request.context as { tenantId?: string } | null)?.tenantId,
			correlationId,
			deadline,
			firstNumber,
			concurrency,
			isAutomatic: automatic !== undefined,
		};
		fanOut ??= createFanOut(options, estimates);
		const rounds =
			needsChildren && skipped === undefined
				? await fanOut(plan, tally)
				: { requested: concurrency, rounds: 0, delay: 0, durationMs: 0 };
		const report = {
			...tally.report(rounds.requested),
			...rounds,
			...(automatic && { basis: explainGrowth(automatic.basis, concurrency, rounds.requested) }),
			...(skipped !== undefined && { skipped }),
		};
		const isWorthPublishing = needsChildren || plan.isAutomatic || (isFlagged && verify);
		if (isWorthPublishing && !ping.isTest && !ping.isRefused) await publish(report, context);
		return { report, demand: tally.demand() };
	};
}

function explainGrowth(basis: string, decided: number, requested: number): string {
	return requested > decided
		? `${basis}; raised to ${requested} while looking for environments that no ping had reached`
		: basis;
}
