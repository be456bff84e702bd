/**
 * The choice between the transports, for each round of a ping.
 *
 * @module
 */

import { type BreakerDecision, createBreaker, type RoundHealth, type TransportKind } from "./breaker.js";
import { createDirectTransport } from "./direct.js";
import type { Invocation } from "./invoke-api.js";
import { createSdkTransport, type SdkOptions } from "./sdk.js";
import type { SendRequest, Transport } from "./transport.js";

/** The transports of one ping. */
export interface TransportSession {
	/** The transport of the present round. */
	readonly kind: TransportKind;
	/**
	 * Chooses a transport for a round and opens it.
	 *
	 * @param loadBy when it is too late to begin loading the SDK (epoch ms): resolves to false then
	 */
	open(children: number, loadBy: number): Promise<boolean>;
	/** See {@link Transport.prepare}. */
	prepare(invocation: Invocation): Promise<SendRequest>;
	/** Ends a round. */
	recordRound(health: RoundHealth): BreakerDecision;
	/** See {@link Transport.close}. */
	close(): void;
}

/** Returns a function that begins a session for a ping. Clients and TLS session tickets are kept between pings. */
export function createTransports(options: SdkOptions): () => TransportSession {
	const isSdkRequired = Boolean(options.AwsClient ?? options.awsClientOptions ?? options.awsClientCapture);
	const breaker = createBreaker(!isSdkRequired);
	const createDirect = createDirectTransport();
	const sdk = createSdkTransport(options);

	return () => {
		const transports: Record<TransportKind, Transport> = { direct: createDirect(), sdk: sdk.create() };
		let kind: TransportKind;
		return {
			get kind() {
				return kind;
			},
			open: async (children, loadBy) => {
				kind = "direct";
				if (breaker.isAllowed()) {
					if (await transports.direct.open(children)) return true;
					breaker.disable();
				}
				kind = "sdk";
				return (sdk.isLoaded() || Date.now() <= loadBy) && transports.sdk.open(children);
			},
			prepare: (invocation) => transports[kind].prepare(invocation),
			recordRound: (health) => breaker.recordRound(kind, health),
			close: () => {
				transports.direct.close();
				transports.sdk.close();
			},
		};
	};
}
