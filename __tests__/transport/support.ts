/** What the tests of both transports share: a certificate, what is closed after each test, and a round. */

import { rm } from "node:fs/promises";
import { types } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "@jest/globals";
import { type Certificate, createCertificate } from "../../local-lambda/certificate.js";
import type { Invocation, InvokeOutcome } from "../../src/transport/invoke-api.js";
import type { Transport } from "../../src/transport/transport.js";
import { trust } from "../support.js";

// Jest runs tests in a realm of their own, to which Node's own errors are no `Error`.
Object.defineProperty(Error, Symbol.hasInstance, { value: types.isNativeError });

/** One invocation of a child. */
export const child: Invocation = {
	FunctionName: "api",
	InvocationType: "RequestResponse",
	Payload: Buffer.from("{}"),
};

/** The outcome of a child that answered. */
export const warmed = { kind: "answered", payload: expect.anything() };

/**
 * Sets up a file of tests.
 *
 * @param createEnv the environment variables of each test
 */
export const setUpTransports = (createEnv: () => NodeJS.ProcessEnv) => {
	const originalEnv = process.env;
	let certificate: Certificate;
	let distrust: () => void;
	const servers: { stop(): Promise<void> }[] = [];
	const transports: Transport[] = [];

	beforeAll(async () => {
		certificate = await createCertificate();
		distrust = trust(certificate.cert);
	});
	beforeEach(() => {
		process.env = createEnv();
	});
	afterEach(async () => {
		for (const transport of transports.splice(0)) transport.close();
		for (const server of servers.splice(0)) await server.stop();
		process.env = originalEnv;
	});
	afterAll(async () => {
		distrust();
		await rm(certificate.folder, { recursive: true });
	});

	return {
		/** Of localhost, and trusted by this process. */
		certificate: (): Certificate => certificate,
		/** Stops the server after the test. */
		stopLater: (server: { stop(): Promise<void> }): void => {
			servers.push(server);
		},
		/** Begins the transport of a ping. */
		begin: (create: () => Transport): Transport => {
			const transport = create();
			transports.push(transport);
			return transport;
		},
	};
};

/** Opens a transport and sends so many children over it, as a round does. */
export const runRound = async (transport: Transport, children = 1): Promise<InvokeOutcome[]> => {
	expect(await transport.open(children)).toBe(true);
	const sends = [];
	for (let number = 0; number < children; number++) sends.push(await transport.prepare(child));
	return Promise.all(sends.map((send) => send()));
};
