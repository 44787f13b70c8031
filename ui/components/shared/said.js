// What a canvas says, in the reader's language: names that Gaze gives, never what somebody typed.

export const inLanguage = (text) => globalThis.gazeLanguage?.said(text) ?? text;
