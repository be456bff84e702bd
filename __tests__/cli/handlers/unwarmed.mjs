export const handler = async () => ({ statusCode: 200 });

export const picky = async (event) => event.items.length;
