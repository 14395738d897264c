import { CompareIsland } from '../features/compare/compare-island';
import { mountIsland } from '../shared/page/island';

mountIsland(CompareIsland);
