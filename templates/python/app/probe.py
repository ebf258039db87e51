"""The health check: urlopen raises, and so fails, unless the service answers with success."""

import os
import urllib.request

urllib.request.urlopen(f"http://127.0.0.1:{os.environ['PORT']}/health", timeout=1.5)
