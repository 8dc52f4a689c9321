from .churn import (
    CUSTOMER_FEATURES as CUSTOMER_FEATURES,
    CustomerPanel as CustomerPanel,
    contact_customers as contact_customers,
    simulate_customers as simulate_customers,
)
from .digits import load_digits as load_digits
from .gaussian_ring import ring_of_gaussians as ring_of_gaussians
from .medmnist import load_medmnist as load_medmnist
from .photo_patches import load_photo_patches as load_photo_patches
from .public_images import load_cifar10 as load_cifar10, load_mnist as load_mnist
from .scans import (
    SCANNERS as SCANNERS,
    Scanner as Scanner,
    Scans as Scans,
    make_scans as make_scans,
)
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
from .telco import load_telco as load_telco
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
from .textured_shapes import (
    SHAPES as SHAPES,
    make_textured_shapes as make_textured_shapes,
)
from .time_series import (
    demand_series as demand_series,
    load_time_series as load_time_series,
    random_walk as random_walk,
)
