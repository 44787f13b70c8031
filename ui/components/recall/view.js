// placeholder
export default function show() {}
