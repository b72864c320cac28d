"""From one DFT calculation to a corrected model: choosing the label, getting it, fitting, judging, taking away."""
