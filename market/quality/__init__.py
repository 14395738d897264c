"""What is doubtful about a session as a whole: minutes that are missing, volume that does not fit, jumps, shifts.

Doubts about single bars are flags (market.bars.flags). Here nothing is changed and nothing is left out: findings are
kept beside the bars, and people decide.
"""
