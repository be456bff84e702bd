const ACCOUNT = "123456789012";

/** Region of the local Lambda. */
export const REGION = "us-east-1";

/** ARN of a function, qualified if a version or an alias is given. */
export const functionArn = (name: string, qualifier?: string): string =>
	`arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}${qualifier === undefined ? "" : `:${qualifier}`}`;

const FUNCTION_NAME =
	/^(?:arn:aws[a-z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?([\w-]+)(?::(\$LATEST|[\w-]+))?$/;

/**
 * Reads a function name in any form that Lambda accepts: name, partial ARN or ARN, with or without a qualifier. Account
 * and region are not checked.
 */
export const parseFunctionName = (text: string): { name: string; qualifier: string | undefined } | undefined => {
	const [, name, qualifier] = FUNCTION_NAME.exec(text) ?? [];
	return name === undefined ? undefined : { name, qualifier };
};
