"""English names of the languages that Gaze's own sentences and models know, by code."""

NAMES = {
    "en": "English",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "nl": "Dutch",
    "ja": "Japanese",
    "zh": "Chinese",
    "vi": "Vietnamese",
    "ro": "Romanian",
    "hi": "Hindi",
    "ar": "Arabic",
}
