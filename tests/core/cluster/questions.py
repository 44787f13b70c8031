"""One question of every kind, small ones that built-in models answer."""

from core.requests import (
    AlignmentReader,
    AlignmentRequest,
    AttributionRequest,
    BeamRequest,
    BlankRequest,
    Compression,
    CompressionRequest,
    ContinuationRequest,
    DetectionRequest,
    DistributionsRequest,
    EmbeddingRequest,
    FaithfulnessRequest,
    HeadCardsRequest,
    HeadDifferencesRequest,
    HeadEffectsRequest,
    HeadRequest,
    HeadsCurveRequest,
    ImageRequest,
    InputsRequest,
    JointMapRequest,
    JourneyRequest,
    KeptRequest,
    Labelled,
    LeakRequest,
    LensRequest,
    MaskingRequest,
    Move,
    MovedPictureRequest,
    NextSentenceRequest,
    ObjectShareRequest,
    Pair,
    PairRelevanceRequest,
    ParagraphsRequest,
    PatchFeaturesRequest,
    PatchingRequest,
    PatchPositionsRequest,
    PatchTokensRequest,
    PictureTextRequest,
    PlacesRequest,
    PositionsRequest,
    PredictionsRequest,
    ProjectionRequest,
    QueriesRequest,
    RecurrentStepsRequest,
    RelevanceRequest,
    RemovalRequest,
    SentenceVectorsRequest,
    ShiftedTextRequest,
    StreamRequest,
    Task,
    TextRequest,
    TransferRequest,
    WeightsCurvesRequest,
    WindowsRequest,
)

BERT, GPT, XLMR, TRANSLATOR, VIT, CLIP, RNN = (
    "mini-bert-wordpiece", "mini-gpt", "mini-xlmr-sentencepiece", "translator", "emoji-vit", "emoji-clip", "rnn-dot",
)  # fmt: skip
READ, WRITTEN = TextRequest(BERT, "The black cat sleeps."), TextRequest(GPT, "Once upon a time")
CALLED = TextRequest(GPT, "The cat sat on the")
SEEN = ImageRequest(VIT, "cat-face")
TASK = Task(
    "two languages",
    tuple(
        Labelled(f"{word} {place}", label, language, f"group {place}")
        for place in range(6)
        for word, label, language in (
            ("good", "yes", "en"), ("bad", "no", "en"), ("gut", "yes", "de"), ("schlecht", "no", "de"),
        )
    ),
)  # fmt: skip
TEXTS = ("The cat sleeps.", "Die Katze schläft.", "Le chat dort.", "A dog barks.", "Ein Hund bellt.")
VECTORS = EmbeddingRequest(XLMR, TEXTS)
QUICK = (
    READ,
    WRITTEN,
    TextRequest(TRANSLATOR, "The cat sleeps.", language="de"),
    SEEN,
    AlignmentRequest(AlignmentReader(XLMR), Pair(("The", "cat"), ("Die", "Katze"), "de")),
    ParagraphsRequest(XLMR, 2, "The cat sleeps. A dog barks.", "Die Katze schläft. Ein Hund bellt."),
    BlankRequest(BERT, "The black cat sleeps.", (1,)),
    MaskingRequest(BERT, "The black cat sleeps on the old chair.", 1),
    NextSentenceRequest(BERT, "The cat sleeps.", "It is tired."),
    InputsRequest(BERT, "The cat sleeps."),
    LeakRequest(BERT, "The cat sleeps."),
    DistributionsRequest(WRITTEN),
    ContinuationRequest(WRITTEN, count=3),
    KeptRequest(WRITTEN),
    LensRequest(WRITTEN),
    RecurrentStepsRequest(TextRequest(RNN, "The cat sleeps.")),
    HeadCardsRequest(BERT),
    HeadEffectsRequest(WRITTEN),
    HeadDifferencesRequest(READ, TextRequest(BERT, "The white dog sleeps.")),
    AttributionRequest(WRITTEN, 3),
    PatchingRequest(CALLED, "The dog ran to the"),
    BeamRequest(WRITTEN, width=2, steps=3),
    VECTORS,
    PlacesRequest(ProjectionRequest(VECTORS), 1),
    SentenceVectorsRequest(XLMR, TASK, (1,)),
    TransferRequest(XLMR, TASK, 1),
    PositionsRequest(BERT),
    ShiftedTextRequest(BERT, "The cat sleeps.", 2),
    JourneyRequest(WRITTEN),
    HeadRequest(READ, "encoder", 0, 1),
    StreamRequest(READ),
    QueriesRequest(READ),
    CompressionRequest(WRITTEN, Compression(pruned=0.5)),
    PredictionsRequest(WRITTEN),
    RelevanceRequest(SEEN, 3),
    PatchFeaturesRequest(SEEN),
    PatchPositionsRequest(VIT),
    PatchTokensRequest(VIT, "cat-face"),
    MovedPictureRequest(VIT, "cat-face", Move()),
    PairRelevanceRequest(CLIP, "cat-face", "a cat"),
)
#: Seconds each, or a model that does not come with Gaze.
SLOW = (
    FaithfulnessRequest(SEEN, "rollout", 3),
    RemovalRequest(SEEN, "rollout", 3, False, 5),
    ObjectShareRequest(VIT, ("rollout",)),
    JointMapRequest(CLIP, ("1f600", "1f603"), ("en", "de")),
    HeadsCurveRequest(GPT, "en", "alone"),
    WeightsCurvesRequest(GPT, "en", "Prune"),
)
FOREIGN = (
    WindowsRequest("swin", "cat-face"),
    DetectionRequest("detr", "cat-face"),
    PictureTextRequest("smolvlm", "cat-face", "What is this?"),
)
