import type { WarmupPing } from "middy-lambda-warmer";

/** What a ping says, and in which fields. */
export interface PingProps {
	readonly concurrency: number;
	readonly flag?: string;
	readonly concurrencyField?: string;
}

/** The ping that the middleware reads; `satisfies` ties the default names to it. */
export function pingOf(props: PingProps): Record<string, unknown> {
	return {
		[props.flag ?? ("warmer" satisfies keyof WarmupPing)]: true,
		[props.concurrencyField ?? ("concurrency" satisfies keyof WarmupPing)]: props.concurrency,
	};
}
