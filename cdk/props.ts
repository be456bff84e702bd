import { Token } from "aws-cdk-lib";

/** What a property takes, as a check and in words. */
export interface Rule {
	readonly takes: string;
	readonly allows: (value: unknown) => boolean;
	readonly isRequired?: true;
}

export type Rules<Props> = Readonly<Record<keyof Props, Rule>>;

const nonEmptyString: Rule = {
	takes: "a string that is not empty",
	allows: (value) => typeof value === "string" && value !== "",
};

/** Rules of the properties that all constructs have. */
export const pingRules = {
	function: { takes: "a Function, a Version or an Alias", allows: hasString("functionArn"), isRequired: true },
	concurrency: {
		takes: "an integer from 1",
		allows: (value) => Number.isInteger(value) && Number(value) >= 1,
		isRequired: true,
	},
	flag: nonEmptyString,
	concurrencyField: nonEmptyString,
	minimumCoverage: {
		takes: "a number above 0 and at most 1",
		allows: (value) => typeof value === "number" && value > 0 && value <= 1,
	},
} as const satisfies Record<string, Rule>;

/** Whether a value is an object with a string of this name, whichever copy of the CDK made it. */
export function hasString(name: string): (value: unknown) => boolean {
	return (value) => typeof Object(value)[name] === "string";
}

/**
 * Refuses what only JavaScript can give. Tokens pass, since their value is known to the deployment only.
 *
 * @throws RangeError for a number, TypeError for anything else, with a sentence that names the property
 */
export function checkProps<Props extends object>(construct: string, props: Props, rules: Rules<Props>): void {
	for (const name of Object.keys(Object(props))) {
		if (!Object.hasOwn(rules, name)) throw new TypeError(`${construct}: there is no property ${name}`);
	}
	for (const [name, rule] of Object.entries<Rule>(rules)) {
		const value: unknown = Object(props)[name];
		if (value === undefined && !rule.isRequired) continue;
		if (rule.allows(value) || Token.isUnresolved(value)) continue;
		const ErrorType = typeof value === "number" ? RangeError : TypeError;
		throw new ErrorType(`${construct}: ${name} must be ${rule.takes}, got ${written(value)}`);
	}
}

function written(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value);
	return typeof value === "object" && value ? "an object" : String(value);
}
