import base64
import io
import re

import numpy as np
import pytest
import soundfile

from gru_apps.course import listen

TONE = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)


def test_a_player_plays_the_waveform_and_is_small():
    content = re.search('base64,([^"]*)', listen(TONE / 2, 8000).data)[1]
    file = base64.b64decode(content)
    assert len(file) < 10_000
    heard, rate = soundfile.read(io.BytesIO(file))
    spectrum = np.abs(np.fft.rfft(heard))
    assert np.fft.rfftfreq(len(heard), 1 / rate)[spectrum.argmax()] == pytest.approx(
        440, abs=2
    )


@pytest.mark.parametrize("waveform", [[np.nan], [[0.0]], [1, 0], np.zeros(8000 * 121)])
def test_what_cannot_be_played_is_refused(waveform):
    with pytest.raises(ValueError, match="`waveform` must be .*Received"):
        listen(waveform, 8000)
