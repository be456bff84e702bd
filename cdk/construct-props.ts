import { Token } from "aws-cdk-lib";

/** How a property is checked, and how an error names what it takes. */
export interface Rule {
	readonly expected: string;
	readonly validate: (value: unknown) => boolean;
	readonly isRequired?: true;
}

export type Rules<Props> = Readonly<Record<keyof Props, Rule>>;

const isPositiveInteger = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 1;

const nonEmptyString: Rule = {
	expected: "a non-empty string",
	validate: (value) => typeof value === "string" && value !== "",
};

/** Rules of the properties that describe a ping. */
export const PING_RULES = {
	concurrency: {
		expected: 'an integer of 1 or more, or "auto"',
		validate: (value) => value === "auto" || isPositiveInteger(value),
	},
	maxConcurrency: { expected: "an integer of 1 or more", validate: isPositiveInteger },
	flag: nonEmptyString,
	concurrencyField: nonEmptyString,
} as const satisfies Record<string, Rule>;

/** The rule of a property that takes the pinged function. */
export const FUNCTION_RULE: Rule = {
	expected: "a Function, a Version or an Alias",
	validate: hasString("functionArn"),
	isRequired: true,
};

export const MINIMUM_COVERAGE_RULE: Rule = {
	expected: "a number above 0 and at most 1",
	validate: (value) => typeof value === "number" && value > 0 && value <= 1,
};

/** Rules of the properties that every construct with a prewarming function has. */
export const PREWARM_RULES = {
	...PING_RULES,
	minimumCoverage: MINIMUM_COVERAGE_RULE,
	tenantId: nonEmptyString,
	reservedConcurrentExecutions: { expected: "an integer of 1 or more", validate: isPositiveInteger },
} as const satisfies Record<string, Rule>;

/** Builds a check for objects with a string of this name, whichever copy of the CDK made them. */
export function hasString(name: string): (value: unknown) => boolean {
	return (value) => typeof Object(value)[name] === "string";
}

/**
 * Checks what only JavaScript can pass. Tokens are accepted, because their value is known only at deployment.
 *
 * @throws RangeError for a number, TypeError for anything else, with a message that names the property
 */
export function checkProps<Props extends object>(construct: string, props: Props, rules: Rules<Props>): void {
	for (const name of Object.keys(Object(props))) {
		if (!Object.hasOwn(rules, name)) throw new TypeError(`${construct}: unknown property ${name}`);
	}
	for (const [name, rule] of Object.entries<Rule>(rules)) {
		const value: unknown = Object(props)[name];
		if (value === undefined && !rule.isRequired) continue;
		if (rule.validate(value) || Token.isUnresolved(value)) continue;
		const ErrorType = typeof value === "number" ? RangeError : TypeError;
		throw new ErrorType(`${construct}: ${name} must be ${rule.expected}, got ${describeValue(value)}`);
	}
}

function describeValue(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value);
	return typeof value === "object" && value ? "an object" : String(value);
}
