"""What a frame, a result, a source and a model are, and the pipeline that joins them. No Qt, no cv2, no torch."""
