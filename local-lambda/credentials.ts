import { randomBytes } from "node:crypto";

/** Credentials that sign requests to the Invoke API, in the form that the AWS SDK takes. */
export interface Credentials {
	accessKeyId: string;
	secretAccessKey: string;
	/** Only with the temporary credentials of an execution environment. */
	sessionToken?: string;
}

const ACCESS_KEY_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const createAccessKeyId = (prefix: "AKIA" | "ASIA"): string =>
	prefix + Array.from(randomBytes(16), (byte) => ACCESS_KEY_CHARACTERS[byte % 32]).join("");

/** Makes credentials such as an IAM user has: they never expire and need no session token. */
export const createUserCredentials = (): Credentials => ({
	accessKeyId: createAccessKeyId("AKIA"),
	secretAccessKey: randomBytes(30).toString("base64"),
});

/** Makes credentials such as Lambda gives to an execution environment. */
export const createSessionCredentials = (): Required<Credentials> => ({
	accessKeyId: createAccessKeyId("ASIA"),
	secretAccessKey: randomBytes(30).toString("base64"),
	sessionToken: randomBytes(96).toString("base64"),
});

/** The environment variables from which SDKs and tools read credentials. */
export const credentialVariables = ({
	accessKeyId,
	secretAccessKey,
	sessionToken,
}: Credentials): Record<string, string> => ({
	AWS_ACCESS_KEY_ID: accessKeyId,
	AWS_SECRET_ACCESS_KEY: secretAccessKey,
	...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
});
