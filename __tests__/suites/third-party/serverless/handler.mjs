export const handler = async () => "business";
