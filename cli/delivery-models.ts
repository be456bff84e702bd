import type { LocalLambdaOptions } from "../local-lambda/index.js";

/** Lognormal delays (ms) of both invocation types. */
export type DeliveryModel = Required<NonNullable<LocalLambdaOptions["delivery"]>>;

/** The models that `--delivery` offers. The benchmarks use them too. */
export const DELIVERY_MODELS = {
	calm: { RequestResponse: { median: 5, p99: 20 }, Event: { median: 20, p99: 60 } },
	typical: { RequestResponse: { median: 8, p99: 40 }, Event: { median: 40, p99: 250 } },
	busy: { RequestResponse: { median: 15, p99: 120 }, Event: { median: 120, p99: 1000 } },
} satisfies Record<string, DeliveryModel>;

export type ModelName = keyof typeof DELIVERY_MODELS;
