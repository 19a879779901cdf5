/* SPDX-License-Identifier: MIT */
/* A profile's text: what is refused changes nothing and is told in one line; what is taken is good, and is the same
 * when it has been written and read again. */
#include "lib/profile/load.h"
#include "lib/profile/write.h"
#include "tests/fuzz/target.h"

#define UNTOUCHED 0x5a

/* PROFILE as a file; its bytes are in *SIZE. */
static char *written(const struct hak_profile *profile, size_t *size)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, size);
    FUZZ_EXPECT(stream);
    FUZZ_EXPECT(hak_profile_write(stream, profile, NULL, 0));
    fclose(stream);
    return text;
}

static void check_refusal(const struct hak_profile *profile, const char *message)
{
    static struct hak_profile untouched;
    memset(&untouched, UNTOUCHED, sizeof untouched);
    FUZZ_EXPECT(memcmp(profile, &untouched, sizeof untouched) == 0);
    FUZZ_EXPECT(fuzz_is_line(message));
    FUZZ_EXPECT(strncmp(message, "input:", 6) == 0);
}

static void check_profile(const struct hak_profile *profile)
{
    char message[HAK_PROFILE_MESSAGE_SIZE];
    struct hak_profile again;
    size_t size, size_again;
    FUZZ_EXPECT(hak_profile_check(profile, message, sizeof message));
    char *text = written(profile, &size);
    FUZZ_EXPECT(hak_profile_load_text(&again, "written", text, size, message, sizeof message));
    char *text_again = written(&again, &size_again);
    FUZZ_EXPECT(size == size_again && memcmp(text, text_again, size) == 0);
    free(text);
    free(text_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char message[HAK_PROFILE_MESSAGE_SIZE] = "";
    struct hak_profile profile;
    memset(&profile, UNTOUCHED, sizeof profile);
    if (hak_profile_load_text(&profile, "input", (const char *)data, size, message, sizeof message))
        check_profile(&profile);
    else
        check_refusal(&profile, message);
    return 0;
}
