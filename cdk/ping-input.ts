import type { WarmupPing } from "middy-lambda-warmer";

/** What a ping asks for, and in which fields. */
export interface PingInput {
	readonly concurrency?: number | "auto";
	readonly flag?: string;
	readonly concurrencyField?: string;
}

/** Builds the event that the middleware reads as a ping; `satisfies` ties the default names to its type. */
export function createPing({ concurrency, flag, concurrencyField }: PingInput): Record<string, unknown> {
	return {
		[flag ?? ("warmer" satisfies keyof WarmupPing)]: true,
		...(concurrency !== undefined && {
			[concurrencyField ?? ("concurrency" satisfies keyof WarmupPing)]: concurrency,
		}),
	};
}

/**
 * Builds the event that asks a version for what it remembers of its traffic. A test ping invokes nothing, and neither
 * does a ping for one environment: the function may have renamed the test field.
 */
export function createDemandPing(input: PingInput): Record<string, unknown> {
	return {
		...createPing({ ...input, concurrency: 1 }),
		["test" satisfies keyof WarmupPing]: true,
		["report" satisfies keyof WarmupPing]: true,
	};
}
