/** Numbers as people read them. */

/** A number with so many decimals, thousands set apart by commas; a dash for one that could not be measured. */
export const fixed = (value: number, decimals = 0): string =>
	Number.isFinite(value)
		? value.toLocaleString("en-GB", {
				minimumFractionDigits: decimals,
				maximumFractionDigits: decimals,
			})
		: "–";

/** A number with its sign; none if it rounds to nothing. */
export const signed = (value: number, decimals = 0): string => {
	const size = fixed(Math.abs(value), decimals);
	if (Number(size.replaceAll(",", "")) === 0) return size;
	return `${value < 0 ? "−" : "+"}${size}`;
};
