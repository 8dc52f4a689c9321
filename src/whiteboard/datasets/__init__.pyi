from .digits import load_digits as load_digits
from .gaussian_ring import ring_of_gaussians as ring_of_gaussians
from .photo_patches import load_photo_patches as load_photo_patches
from .public_images import load_cifar10 as load_cifar10, load_mnist as load_mnist
from .sequence_tasks import (
    counting_task as counting_task,
    delay_task as delay_task,
    latch_task as latch_task,
    lookahead_task as lookahead_task,
    recall_task as recall_task,
    repetition_task as repetition_task,
)
from .shifted_digits import (
    load_digit_images as load_digit_images,
    translate as translate,
    translate_randomly as translate_randomly,
)
from .shipped_text import (
    load_character_windows as load_character_windows,
    load_descriptions as load_descriptions,
)
from .text_tasks import (
    date_pairs as date_pairs,
    number_in_words as number_in_words,
    number_pairs as number_pairs,
)
from .text_tokenizer import (
    END as END,
    PADDING as PADDING,
    START as START,
    TextTokenizer as TextTokenizer,
)
