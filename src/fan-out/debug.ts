/**
 * What a ping decides, for `NODE_DEBUG=middy-lambda-warmer`.
 *
 * @module
 */

/** Writes to standard error if `NODE_DEBUG` names this package. */
export function debug(message: string, ...details: readonly unknown[]): void {
	process.getBuiltinModule("node:util").debuglog("middy-lambda-warmer")(message, ...details);
}
