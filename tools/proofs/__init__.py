# SPDX-License-Identifier: Apache-2.0
"""What tools/prove.py proves, a file for each kind of proof."""
